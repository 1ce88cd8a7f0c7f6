using System.Threading.Tasks;
using Shop.Orders;

namespace Shop.Web
{
    using Store = Shop.Orders.Store;

    /// <summary>
    /// Money with <c>operators</c>.
    /// </summary>
    public class Purse
    {
        internal static int Opened, Closed = 1;
        private Store store;
        private readonly Order[] orders = new Order[3];

        public Purse(Store store, params string[] names)
        {
            this.store = store;
        }

        public Order this[int index] { get => orders[index]; set => orders[index] = value; }

        public static Purse operator +(Purse left, Purse right) => left;
        public static implicit operator bool(Purse purse) => purse != null;

        [return: NotNull]
        public async Task<Order> FindAsync<TKey>([FromQuery] TKey key, int limit = 5, ref int count)
            where TKey : struct, IKey
        {
            var order = await store.LoadAsync<Order>(key, limit: limit);
            order?.Total.Round();
            order.Status = Status.Paid;
            count++;
            return order;
        }

        public void Check(object item, Purse other)
        {
            if (item is Order order && order.Total is { Amount: > 0 } money) Pay(order, money);
            var found = item as Order;
            ((Order)item).ShipTo(null);
            (var first, int second) = Split();
            store.TryFind(out var hit, out _);
            hit.Open();
            other.store.Close();
            Purse.Opened = second;
            Changed += (sender, change) => Pay(first, change);
            var draft = new Order { Total = found.Total, [0] = new() };
            var shape = new { Name = "x", draft.Total };
            global::Shop.Orders.Store.Reset();
            var copy = draft with { Total = shape.Total };
        }

        private void Pay(Order order, object money) => throw new PaymentException($"{order} {money:F2}");
        private (Order First, int Second) Split() => default;
        private event System.Action<int, int> Changed;
    }

    public static class OrderExtensions
    {
        public static bool IsPaid(this Order order) => order.Status == Status.Paid;
        public static int Sum(this Order order, System.Func<Order, int> each) => each(order);
    }

    namespace Admin
    {
        public class Desk : Purse
        {
            public Desk(Store store) : base(store) { }
            public class Drawer { public Desk Desk { get; set; } }
        }
    }
}

namespace Shop.Tests
{
    class PurseTests { }
}
