global using System.Linq;
using System;
using static System.Math;
using Lines = System.Collections.Generic.List<Shop.Orders.Line>;
using Clock = System.DateTime;

[assembly: CLSCompliant(true)]

namespace Shop.Orders;

/// <summary>Where something may be shipped.</summary>
public interface IShippable<in TPlace> : IDisposable where TPlace : notnull
{
    decimal Weight { get; }
    void ShipTo(TPlace place);
    string Label() => "parcel";
}

[Flags]
public enum Status : byte
{
    /// <summary>Nothing is done yet.</summary>
    Open = 1,
    Paid = 2,
    [Obsolete("never sent")] Lost,
}

// A comment that documents nothing.
public delegate void Changed<T>(object sender, T change);

internal readonly struct Line(string name, int count) : IEquatable<Line>
{
    public string Name { get; } = name;
    public bool Equals(Line other) => Name == other.Name;
    int Count => count;
}

public record Money(decimal Amount, string Currency = "EUR");

public sealed record Price(decimal Amount) : Money(Amount), IComparable<Price>
{
    public int CompareTo(Price other) => 0;
}

public record struct Pair<TLeft, TRight>(TLeft Left, params TRight[] Rest);

[Serializable, Tables.Table("orders", Schema = nameof(Shop))]
public abstract partial class Order : Entity<int>, IShippable<Address>
{
    private readonly Lines _lines = new();
    protected internal const int Limit = 10;

    public event Changed<Status> StatusChanged, Closed;
    public event EventHandler Opened { add { Listen(value); } remove { } }
    public Status Status { get; private set; } = Status.Open;
    public abstract decimal Weight { get; }

    protected Order(int id) : base(id) => Total = new Money(0);
    static Order() { }

    public Money Total { get; init; }
    void IDisposable.Dispose() { }
    public abstract void ShipTo(Address place);
    private void Listen(object handler) { }

    private sealed class Draft : Order
    {
        public Draft() : this(Limit) { }
        private Draft(int id) : base(id) { }
        public override decimal Weight => Abs(-1);
        public override void ShipTo(Address place) => base.Label();
    }
}

public partial class Order
{
    ~Order() { }
}
