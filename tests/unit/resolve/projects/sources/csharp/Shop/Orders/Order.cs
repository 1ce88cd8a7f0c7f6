using System;

namespace Shop.Orders;

[Traced]
public partial class Order : Entity, IStored, IDisposable
{
    public Status Status { get; set; }
    public Order(int id) : base(id) { }
    public Order() : this(1) { }
    public void Save() { Touch(); Check(); }
    public void Dispose() { }
}
