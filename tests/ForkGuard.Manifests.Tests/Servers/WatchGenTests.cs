using CsCheck;
using ForkGuard.Api.Validation;

namespace ForkGuard.Manifests.Tests.Servers;

/// <summary>A watch with many errors would hide a difference about each.</summary>
public sealed class WatchGenTests
{
    private const int Watches = 2000;

    [Fact]
    public void Many_watches_are_good_and_many_are_wrong_in_one_way()
    {
        var errors = WatchGen.Watch.Array[Watches].Single().Select(watch => WatchDocument.Read(watch).Errors).ToList();
        Assert.InRange(errors.Count(found => found.Count == 0), Watches / 5, Watches);
        Assert.InRange(errors.Count(found => found.Count == 1), Watches / 5, Watches);
        var fields = errors
            .Where(found => found.Count == 1)
            .Select(found => InvalidSample.WithoutNumbers(found[0].Path));
        Assert.InRange(fields.Distinct(StringComparer.Ordinal).Count(), 25, Watches);
    }
}
