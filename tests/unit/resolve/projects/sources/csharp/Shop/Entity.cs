namespace Shop;

public interface IStored { void Save(); }

public abstract class Entity
{
    protected int id;
    protected Entity(int id) { this.id = id; }
    protected void Touch() { }
    public virtual string Describe() => Names.Of(this);
}

public static class Names
{
    public const string None = "none";
    public static string Of(Entity entity) => None;
}

public class TracedAttribute : System.Attribute { }
public enum Status { Open, Paid }

public static class EntityExtensions
{
    public static string Shout(this Entity entity, int times) => entity.Describe();
}
