namespace ForkGuard.ControllerRuntime.Tests.Controllers;

/// <summary>Every object that went is told of, also where several had one name.</summary>
public sealed class TombstonesTests
{
    private static readonly ResourceKey Key = new("test", "a");

    [Fact]
    public void Objects_of_one_name_are_kept_in_the_order_in_which_they_went()
    {
        Tombstones<Gauge> tombstones = new();
        Gauge first = Gauge.Named("a", target: 1);
        Gauge second = Gauge.Named("a", target: 2);
        tombstones.Add(Key, first);
        tombstones.Add(Key, second);

        Assert.Same(first, tombstones.Peek(Key));
        tombstones.Remove(Key);
        Assert.Same(second, tombstones.Peek(Key));
        tombstones.Remove(Key);
        Assert.Null(tombstones.Peek(Key));
    }
}
