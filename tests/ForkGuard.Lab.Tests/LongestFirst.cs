using ForkGuard.Lab.Tests;
using ForkGuard.Lab.Tests.Redis;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace ForkGuard.Lab.Tests;

/// <summary>The virtual machines in the order of how long they run: one that began last would run alone.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Longest =
    [
        nameof(LargeTests),
        nameof(BookwormTests),
        nameof(SidTests),
        nameof(TrixieTests),
        nameof(RedisTests),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(
        IReadOnlyCollection<TTestCollection> testCollections
    )
        where TTestCollection : ITestCollection => [.. testCollections.OrderBy(RankOf)];

    // A collection of one class is named after it.
    private static int RankOf<TTestCollection>(TTestCollection collection)
        where TTestCollection : ITestCollection
    {
        var rank = Array.FindIndex(
            Longest,
            name => collection.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal)
        );
        return rank < 0 ? Longest.Length : rank;
    }
}
