import Foundation

extension Order: CustomStringConvertible {
    var description: String { describe() }
    func check() { status = Status.paid }
    func settle() {}
}

extension Order.Part {
    func open() { order.save() }
}

extension URL {
    func visit() { port() }
}
