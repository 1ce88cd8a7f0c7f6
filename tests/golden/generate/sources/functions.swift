import Foundation

let limit = Limit(3)
var (first, second) = pair()

func top<A, B: Named>(_ item: A, with other: inout B) -> some View {
    guard let line = item.first, let kept = line as? Line else {
        throw Failure.bad("none")
    }
    if let kind = kept.kind, case .other(let count, _) = kind {
        print(count)
    } else if limit > 3 && first || second {
        kept.save()
    } else {
        return kept
    }
    for (index, entry) in kept.list.enumerated() where index > 2 {
        entry.save()
        continue
    }
    for case let found? in kept.list { found.save() }
    while let next = other.next() { next.save() }
    repeat { step() } while first
    switch kept.kind {
    case .small, .big: step()
    case .other(let count, line: let inner): inner.move(count)
    case let .pair(left, right): left.join(right)
    case is Line: break
    case let shape as Shape: shape.draw()
    case 1...3: fallthrough
    default: break
    }
    do {
        try step()
    } catch let failure as Failure {
        failure.report()
    } catch {
        report(error)
    }
    let add = { (left: Int, right) -> Int in left + right }
    kept.list.map { $0.name }.filter { name in name.isEmpty }
    run(3) { [weak other] in other?.go() } onDone: { result in result.close() }
    kept.list[0] = Line()
    kept.total = limit!.total?.round() ?? add(1, 2)
    let order: Order = .init(id: 3)
    order.save(to: .home)
    (item as! Order).close()
    let pairs = [Int: Line]()
    let path = \Order.id
    let text = "a \(order.title) b"
    let flag = item is Order ? text : path
    func local(number: Int) -> Int { number * 2 }
    local(number: 2)
    #if os(macOS)
    macOnly()
    #endif
    return pairs
}

typealias Handler<T> = (T, Int) -> Line

enum Failure: Error {
    case bad(String)
}
