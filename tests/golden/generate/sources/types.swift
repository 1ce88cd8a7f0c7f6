import Foundation
@testable import ShopKit
import struct Money.Amount

/// Something that can be drawn.
///
/// More of it.
public protocol Shape: AnyObject, Named {
    associatedtype Pen: Drawing
    var area: Double { get }
    func draw(with pen: Pen) throws -> Line?
    init(sides: Int)
    static func unit() -> Self
}

/** An order. */
@MainActor
open class Order<T: Named>: Entity, Shape, Sendable where T: Codable {
    @Published public private(set) var total: Amount = Amount(0)
    let id: Int, name: String?
    static let shared = Order()
    lazy var lines: [Line] = []
    weak var owner: Shop.Desk?
    var size: Int { lines.count }
    var title: String {
        get { name ?? "none" }
        set { rename(newValue) }
    }
    fileprivate var watched = 1 {
        willSet { check(newValue) }
        didSet { check(oldValue) }
    }

    init(id: Int, _ name: String? = nil) throws {
        self.id = id
        self.name = name
        super.init(id: id)
    }

    convenience init() {
        try! self.init(id: 1)
    }

    deinit { close() }

    func save(to place: Place, _ items: Line..., done: @escaping (Int, Line) -> Void) async throws -> Line? where T: Named {
        return try await place.load(items)
    }

    subscript(index: Int) -> Line { lines[index] }

    static func + (left: Order, right: Order) -> Order { left }

    override class func make() -> Self { Self.init() }

    final class Part {
        indirect enum Kind: String, CaseIterable {
            /// The first.
            case small = "s", big
            case other(Int, line: Line)
        }
    }

    typealias Lines = [Line]
}

extension Order: Comparable where T == Int {
    static func < (left: Order, right: Order) -> Bool { left.id < right.id }
    var first: Line? { lines.first }
}

extension Order.Part.Kind {
    func grow() -> Order.Part.Kind { .big }
}

extension Array where Element == Line {
    var sum: Int { reduce(0) { $0 + $1.count } }
}

struct Line: Equatable {
    var count = 0
    mutating func move(by steps: inout Int) { count += steps }
}

actor Bank {
    private var accounts: [String: Amount] = [:]
    func open() {}
}

@propertyWrapper
struct Clamped { var wrappedValue: Int }

@main
struct App: ParsableCommand {
    @Clamped(name: .long, help: "how many") var count: Int = 3
}
