package web

import shop.*
import shop.orders.Order
import shop.orders.total
import java.io.Closeable

class Desk(private val order: Order) : Closeable {
    private lateinit var kept: Stored
    private val made = Order(3)

    fun close(other: Order): String {
        other.save()
        order.describe()
        kept.save()
        made.save()
        Order.make().save()
        total(listOf(other))
        helper(Order.LARGEST)
        other.shout()
        return nameOf(other)
    }

    override fun close() {}
}

fun full(order: shop.orders.Order) = shop.nameOf(order)

private fun helper(limit: Int) = Registry.LIMIT
