namespace Shop.Orders
{
    public partial class Order
    {
        private void Check() { Status = Status.Paid; }
        public override string Describe() => base.Describe();
    }
}
