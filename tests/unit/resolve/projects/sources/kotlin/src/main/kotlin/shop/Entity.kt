package shop

interface Stored {
    fun save()
}

abstract class Entity(protected val id: Int) {
    protected fun touch() {}
    open fun describe() = nameOf(this)
}

enum class Status { OPEN, PAID }

annotation class Traced

object Registry {
    const val LIMIT = 3
    fun register(entity: Entity) {}
}

fun nameOf(entity: Entity): String = "x"

fun Entity.shout(): String = describe()
