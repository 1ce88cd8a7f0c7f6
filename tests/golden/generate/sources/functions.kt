package com.shop.orders

import kotlin.math.max

val limit = Limit(3)
const val NAME = "shop"
val (first, second) = pair()

fun String.shout(): String = uppercase() + this.length
val Order<Int>.size: Int get() = lines.size
fun List<Line>?.orEmpty() {}

inline fun <reified T> List<T>.pick(count: Int, by: (T) -> Boolean): T {
    val (left, right) = split(this)
    var found: Line? = null
    for (i in 0 until count) {
        if (i > 2 && by(left)) continue else break
    }
    for ((key, value) in found.parts()) {
        println("$key ${value.name}")
    }
    val kind = when (found) {
        is Line -> 1
        in 1..3 -> 2
        3, 4 -> max(3, 4)
        else -> throw Failure("none")
    }
    when (val read = load()) {
        null -> return right
        else -> read.length
    }
    when {
        kind == 1 || kind == 2 -> count.coerceAtLeast(2)
    }
    try {
        found!!.save(name = "x", 3)
    } catch (error: Failure) {
        error.printStackTrace()
    } finally {
        close()
    }
    val add = { a: Int, b -> a + b }
    val negate = fun(number: Int): Int { return -number }
    val runner = object : Runner, Base(3) {
        override fun run() = super.run()
    }
    runner.run()
    listOf(left).map { it.name }.filter(::isLong).forEach { name -> name.shout() }
    repeat(3) { index -> add(index, 1) }
    val line = Line("a", 1)
    line.name.shout()
    (found as Line).count
    found?.total?.round()
    line.count += 1
    counts[0] = 1
    var total = 0
    total++
    outer@ while (total > 3) { break@outer }
    do { total-- } while (total > 0)
    fun local(number: Int) = number * total
    local(2)
    Order.make().total = Cash(2)
    Order.MAX
    Line::class.java
    return if (total > 3) left else if (total < 0) right else left
}
