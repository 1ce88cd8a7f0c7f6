var total = Count(new[] { 1, 2 });
System.Console.WriteLine(total);

int Count(int[] items)
{
    var sum = 0;
    foreach (var item in items)
    {
        if (item > 2 && sum < 9 || item == 0)
        {
            sum += item;
        }
        else if (item < 0)
        {
            continue;
        }
        else
        {
            sum--;
        }
    }
    for (int i = 0, j = 1; i < j; i++) sum += i;
    while (sum > 100) { sum = sum - 1; }
    do { sum++; } while (sum < 3);
    foreach (var (key, value) in Pairs()) { sum += key; }
    return sum;
}

#if DEBUG
class Debugger { }
#else
class Silent { }
#endif

class Flow
{
    object Read(object source, int depth)
    {
        try
        {
            using var stream = Open(source);
            using (var second = Open(stream)) { second.Close(); }
            lock (source) { Touch(stream); }
        }
        catch (Failure error) when (error.Code == 3)
        {
            throw;
        }
        catch (System.Exception)
        {
            throw new Failure("bad", null);
        }
        finally { Close(); }
        switch (source)
        {
            case 1: break;
            case string text when text.Length > 0: return text;
            case Flow { Depth: 3 } flow: goto case 1;
            default: return null;
        }
        var name = source switch
        {
            int number => Describe(number),
            Pair(var left, _) => left,
            not null or Flow => nameof(Flow),
            _ => throw new Failure(),
        };
        var query = from order in Orders
                    join line in Lines on order.Id equals line.Id
                    let price = line.Price
                    where price > 3
                    orderby order.Id
                    select new { order, price };
        System.Func<int, int> twice = static (int value) => value * 2;
        System.Action once = delegate (int times) { Repeat(times); };
        Local(depth);
        retry:
        if (depth > 3) goto retry;
        return name ?? query;

        string Local(int depth) { return depth.ToString(); }
    }
    int Depth => 3;
}
