import Shop
import struct Foundation.URL

class Desk: Stored {
    private let order: Order
    private var kept: Stored

    func close(other: Order, part: Order.Part) -> String {
        other.save()
        order.describe()
        kept.save()
        other.settle()
        part.open()
        Order.make().save()
        helper()
        return nameOf(other)
    }

    func save() {}
}

private func helper() { Missing() }
