public final class Order: Entity, Stored {
    @Traced var limit: Int
    var status: Status = Status.open

    init(id: Int, status: Status) {
        super.init(id: id)
        self.status = status
    }

    convenience init() { self.init(id: 1, status: .paid) }

    public func save() {
        touch()
        check()
        settle()
    }

    override func describe() -> String { super.describe() }
    static func make() -> Order { Order(id: 3, status: Status.paid) }

    struct Part { var order: Order }
}
