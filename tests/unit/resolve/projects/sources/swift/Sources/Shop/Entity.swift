public protocol Stored {
    func save()
}

open class Entity {
    let id: Int
    init(id: Int) { self.id = id }
    func touch() {}
    open func describe() -> String { nameOf(self) }
}

enum Status: String {
    case open, paid
}

@propertyWrapper
struct Traced { var wrappedValue: Int }

func nameOf(_ entity: Entity) -> String { "x" }
