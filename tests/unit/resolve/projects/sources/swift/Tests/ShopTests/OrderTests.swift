@testable import Shop

class OrderTests {
    func testSaves() {
        let order = Order(id: 3, status: Status.paid)
        order.save()
    }
}
