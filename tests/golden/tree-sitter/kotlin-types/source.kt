@file:JvmName("Orders")
package com.shop.orders

import com.shop.base.Entity
import com.shop.base.*
import com.shop.base.Money as Cash

/** Lines of an order. */
typealias Lines = MutableList<Line>
typealias Handler<T> = (T, Int) -> Line?

@Serializable
data class Line(val name: String, private var count: Int = Limit, plain: Cash)

sealed interface Shape : Named, Holder<Line> {
    val area: Double
    fun draw(): Cash
    fun label() = "shape"
}

sealed class Result<out T : Any> {
    object None : Result<Nothing>()
    class Some<T : Any>(val value: T) : Result<T>()
}

enum class Color(val rgb: Int) : Named {
    /** The first. */
    RED(1) {
        override fun dark() = RED
    },
    GREEN(mix(2));

    abstract fun dark(): Color
}

fun interface Runner {
    fun run(): Int
}

annotation class Traced(val name: String)

@JvmInline
value class Id(val raw: Long)

internal object Registry : Store by inner, Base("x") {
    const val LIMIT = 3
    private val kept: Lines = mutableListOf()
}

/**
 * An order.
 */
@Traced("order")
abstract class Order<T> @Inject internal constructor(val id: Int, store: Store<T>) : Entity(id), Shape by store where T : Named {
    constructor(name: String) : this(name.length, Store())

    init {
        check(id > 0)
    }

    private val title: String by lazy { render(id) }
    var total: Cash = Cash(0)
        get() = field.round()
        private set(next) {
            field = next
        }

    @Inject
    lateinit var line: Line

    companion object Factory : Maker<Order<*>> {
        const val MAX = 3
        fun make() = Order("new")
    }

    inner class Part {
        fun owner() = this@Order.id
    }

    override suspend fun save(vararg items: Line, block: (Line) -> Unit): Int? = items.size
    operator fun plus(other: Order<T>): Order<T> = this
    protected open fun <K : Any> keep(key: K, retries: Int = MAX) where K : Named {}
}

class Legacy : Base {
    companion object {
        fun create() = Legacy()
    }

    constructor() : super(3)
}

expect class Platform : Base
