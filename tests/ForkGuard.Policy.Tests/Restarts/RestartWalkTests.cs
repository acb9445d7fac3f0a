using System.Diagnostics.CodeAnalysis;
using ForkGuard.Policy.Tests.Restarts.Model;

namespace ForkGuard.Policy.Tests.Restarts;

/// <summary>Long random histories of three controllers and three pods, with delays, losses and jumps of the API server's clock.</summary>
public sealed class RestartWalkTests(ITestOutputHelper output)
{
    private const int Walks = 25;
    private const int Steps = 250;
    private const int StepsToAJump = 60;
    private const int StepsToAnEvent = 6;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [SuppressMessage("Security", "CA5394", Justification = "A seed makes the walk repeatable.")]
    public void No_history_restarts_twice_within_a_cooldown_or_loses_a_restart(int seed)
    {
        var random = new Random(seed);
        var evictions = 0;
        for (var walk = 0; walk < Walks; walk++)
        {
            var world = World.Start(pods: 3, controllers: 3, new Fuel(80, 30, 4, 5, 8, 6));
            for (var step = 0; step < Steps; step++)
            {
                world = Next(world, random);
                if (random.Next(StepsToAJump) == 0)
                {
                    world = world.After(TimeSpan.FromMinutes(random.Next(-180, 180)));
                }

                Invariants.OfWorld(world);
            }

            Invariants.HasAWayOut(world);
            evictions += world.Evictions.Count;
        }

        output.WriteLine($"{evictions} evictions");
        Assert.True(evictions > Walks, $"{evictions} evictions in {Walks} walks");
    }

    /// <summary>Mostly the next step of a controller or of a pod, at times an hour, a crash, a lost answer.</summary>
    [SuppressMessage("Security", "CA5394", Justification = "A seed makes the walk repeatable.")]
    private static World Next(World world, Random random)
    {
        var all = Actions.Of(world).Where(next => !ReferenceEquals(next, world)).ToList();
        var usual = all.Where(next => next.Fuel == world.Fuel && next.Key() != world.Key()).ToList();
        var choice = usual.Count > 0 && random.Next(StepsToAnEvent) > 0 ? usual : all;
        return choice[random.Next(choice.Count)];
    }
}
