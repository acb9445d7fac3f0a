using ForkGuard.Api;
using ForkGuard.Policy.Tests.Restarts.Model;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>
/// Every order of every step of two controllers, with every answer of every call and a crash between any two steps, over a
/// model of the API server.
/// </summary>
public sealed class RestartExplorationTests(ITestOutputHelper output)
{
    public static TheoryData<int, int, int, int, int, int> Searches =>
        new()
        {
            // Minutes, hours, crashes, take-overs, losses, flips.
            { 1, 1, 1, 0, 0, 0 },
            { 1, 1, 0, 1, 0, 0 },
            { 1, 1, 0, 0, 1, 0 },
            { 0, 1, 0, 1, 1, 0 },
            { 0, 1, 1, 0, 1, 0 },
            { 0, 1, 0, 1, 0, 1 },
            { 2, 0, 0, 1, 1, 0 },
        };

    [Theory]
    [MemberData(nameof(Searches))]
    public void No_order_of_events_restarts_twice_loses_a_restart_or_ends_in_a_state_without_a_way_out(
        int minutes,
        int hours,
        int crashes,
        int takeOvers,
        int losses,
        int flips
    )
    {
        var fuel = new Fuel(minutes, hours, crashes, takeOvers, losses, flips);
        var worlds = Explore(World.Start(pods: 2, controllers: 2, fuel));

        output.WriteLine($"{worlds.Count} worlds, {worlds.Count(world => world.Evictions.Count > 0)} with an eviction");
        Assert.Contains(worlds, world => world.Evictions.Count > 0);
        Assert.Equal(
            Enum.GetValues<RestartState>(),
            worlds.Select(world => world.Record?.State?.Known).OfType<RestartState>().Distinct().Order()
        );
    }

    [Fact]
    public void No_order_of_the_requests_of_two_watches_for_one_pod_calls_by_the_permission_of_the_other() =>
        Assert.Contains(
            Explore(
                World.Start(pods: 2, controllers: 2, new Fuel(1, 0, 0, 1, 1, 0)) with
                {
                    Watches = ["watch-1", "watch-2"],
                }
            ),
            world => world.Evictions.Count > 0
        );

    [Fact]
    public void No_order_of_events_ends_a_cooldown_less_than_its_length_after_a_repeated_call() =>
        Assert.Contains(
            Explore(
                World.Start(pods: 2, controllers: 1, new Fuel(2, 1, 0, 0, 1, 0)) with
                {
                    Hour = World.Cooldown - TimeSpan.FromMinutes(1),
                }
            ),
            world => world.Evictions.Count == 2
        );

    [Theory]
    [InlineData(3, 1, 0, 0)]
    [InlineData(4, 0, 1, 0)]
    [InlineData(7, 0, 0, 1)]
    public void A_pod_whose_call_failed_is_restarted_and_no_other_one_however_late_the_call_is_done(
        int minutes,
        int crashes,
        int takeOvers,
        int losses
    ) =>
        Assert.Contains(
            Explore(
                World.Start(
                    pods: 2,
                    controllers: 1 + takeOvers,
                    new Fuel(minutes, 0, crashes, takeOvers, losses, 0)
                ) with
                {
                    Lateness = World.Cooldown - TimeSpan.FromMinutes(1),
                }
            ),
            world =>
                world.Evictions.Count == 1
                && world.Record?.History?.Any(past => past.Result == RestartResult.CallFailed) == true
        );

    [Fact]
    public void Restarts_happen_again_after_the_cooldown_so_that_the_search_is_not_empty() =>
        Assert.Contains(
            Explore(World.Start(pods: 2, controllers: 1, new Fuel(0, 2, 0, 0, 0, 0))),
            world => world.Evictions.Count == 2
        );

    private static List<World> Explore(World start)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { start.Key() };
        var rests = new HashSet<string>(StringComparer.Ordinal);
        var worlds = new List<World> { start };
        for (var next = 0; next < worlds.Count; next++)
        {
            foreach (var world in Actions.Of(worlds[next]))
            {
                if (!seen.Add(world.Key()))
                {
                    continue;
                }

                Invariants.OfWorld(world);
                if (rests.Add($"{World.KeyOf(world.Record)} {string.Join(',', world.Pods)} {world.Now}"))
                {
                    Invariants.HasAWayOut(world);
                }

                worlds.Add(world);
            }
        }

        return worlds;
    }
}
