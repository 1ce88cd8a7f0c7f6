package shop.orders

import shop.Entity
import shop.Registry
import shop.Status
import shop.Stored as Kept
import shop.Traced

typealias Orders = List<Order>

@Traced
class Order(id: Int, val status: Status = Status.OPEN) : Entity(id), Kept, Comparable<Order> {
    constructor() : this(1, Status.PAID)

    override fun save() {
        touch()
        check()
        Registry.register(this)
    }

    override fun describe() = super.describe()
    private fun check() = status
    override fun compareTo(other: Order) = LARGEST

    companion object {
        const val LARGEST = 9
        fun make(): Order = Order()
    }
}

fun total(orders: Orders) = 1
