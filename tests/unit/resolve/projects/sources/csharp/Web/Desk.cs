using Shop.Orders;
using static Shop.Names;
using Kept = Shop.IStored;

namespace Web;

public class Desk
{
    private readonly Order order = new Order(3);
    private Kept kept;

    public string Close(Order other)
    {
        other.Save();
        order.Describe();
        kept.Save();
        Load().Save();
        other.Shout(2);
        return Of(other);
    }

    private Order Load() => new Order();
    public int Time() => Clock.Now();
    public object Unknown() => new Missing();
    public void Full(global::Shop.Orders.Order first) { Shop.Names.Of(first); first.Describe(); }
}
