using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts.Model;

/// <summary>What must hold in every world.</summary>
internal static class Invariants
{
    private const int StepsToRest = 40;

    /// <summary>No call without open gates; no refused request without a reason.</summary>
    internal static void OfStep(World world, RestartStep step, RestartInput input)
    {
        if (step.Call && !world.GatesPass)
        {
            throw new InvalidOperationException("a call although a gate says no");
        }

        if (step.Call && step.Put!.Restart!.Watch != input.Request!.Watch)
        {
            throw new InvalidOperationException("a call for one watch by the permission of another one");
        }

        var isWanted = input.Request is not null && world.Record?.Restart?.Pod.Uid != input.Request.Pod.Uid;
        if (isWanted && step.Put is null && step.Blocks.Count == 0)
        {
            throw new InvalidOperationException("a no without a reason");
        }
    }

    /// <summary>An earlier term never writes over a record of a later one.</summary>
    internal static void OfWrite(World world, ModelController controller)
    {
        if (world.Record?.Writer?.LeaseTransitions > controller.Transitions)
        {
            throw new InvalidOperationException("an earlier term wrote over a later one");
        }
    }

    internal static void OfWorld(World world)
    {
        foreach (
            var call in world.Late.Where(call =>
                call.Until >= world.Elapsed
                && world.Record?.History?.Any(past => past.DecidedTime == call.Decided) == true
                && world.Evictions.All(eviction => eviction.Decided != call.Decided)
            )
        )
        {
            throw new InvalidOperationException($"a restart ended although its call may still arrive: {call}");
        }

        for (var later = 1; later < world.Evictions.Count; later++)
        {
            for (var earlier = 0; earlier < later; earlier++)
            {
                var (first, second) = (world.Evictions[earlier], world.Evictions[later]);
                if (second.Time - first.Called < World.Cooldown)
                {
                    throw new InvalidOperationException($"two pods within a cooldown: {first}, {second}");
                }
            }
        }

        if (
            RestartRecords.StateOf(world.Record) is RestartState.Replacing or RestartState.Proving
            && world.Pods.Any(pod => pod.Uid == world.Record!.Restart!.Pod.Uid && !pod.IsEnding)
        )
        {
            throw new InvalidOperationException("a restart counts as accepted although its pod runs");
        }

        foreach (var eviction in world.Evictions.Where(eviction => !IsInView(world, eviction)))
        {
            throw new InvalidOperationException($"a restart is lost from view: {eviction}");
        }
    }

    /// <summary>A controller that is left alone brings the record to rest, whatever state it is in.</summary>
    internal static void HasAWayOut(World world)
    {
        var controller = new ModelController(9, 0, world.Transitions + 1, null);
        for (var step = 0; step < StepsToRest; step++)
        {
            if (RestartRecords.StateOf(world.Record) == RestartState.Idle)
            {
                return;
            }

            var (next, _) = controller.Step(world, want: null, answer: null);
            var written = next.Put ?? world.Record;
            var ended = world.Pods.FirstOrDefault(pod => pod.IsEnding);
            world = (ended is null ? world : world.Replace(ended.Uid)) with
            {
                Record = written,
                Version = world.Version + 1,
                Now = world.Now + TimeSpan.FromMinutes(30),
            };
        }

        throw new InvalidOperationException($"no way out of {RestartRecords.StateOf(world.Record)}");
    }

    private static bool IsInView(World world, Eviction eviction)
    {
        // The time of a decision may be corrected after the clock was set back.
        bool IsIt(string? pod, DateTimeOffset decided) =>
            world.HasJumped ? pod == eviction.Pod : decided == eviction.Decided;

        var record = world.Record;
        return record?.Restart is { } run && IsIt(run.Pod.Uid, run.DecidedTime)
            || record?.History?.Any(past => IsIt(past.Pod.Uid, past.DecidedTime)) == true;
    }
}
