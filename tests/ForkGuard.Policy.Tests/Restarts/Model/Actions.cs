using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts.Model;

/// <summary>Everything that can happen next in a world.</summary>
internal static class Actions
{
    internal static IEnumerable<World> Of(World world)
    {
        foreach (var controller in world.Controllers)
        {
            foreach (var next in Of(world, controller))
            {
                yield return next;
            }
        }

        foreach (var next in OfTheRest(world))
        {
            yield return next;
        }
    }

    private static IEnumerable<World> OfTheRest(World world)
    {
        var fuel = world.Fuel;
        foreach (var pod in world.Pods.Where(pod => pod.IsEnding))
        {
            yield return world.Replace(pod.Uid);
        }

        foreach (var call in world.Late)
        {
            var left = world with { Late = [.. world.Late.Where(other => other != call)] };
            yield return world.MayArrive(call) ? left.Evict(call) : left;
        }

        if (fuel.Minutes > 0)
        {
            yield return world.After(TimeSpan.FromMinutes(2)) with
            {
                Fuel = fuel with { Minutes = fuel.Minutes - 1 },
            };
        }

        if (fuel.Hours > 0)
        {
            yield return world.After(world.Hour) with
            {
                Fuel = fuel with { Hours = fuel.Hours - 1 },
            };
        }

        if (fuel.Flips > 0)
        {
            yield return world with
            {
                GatesPass = !world.GatesPass,
                Fuel = fuel with { Flips = fuel.Flips - 1 },
            };
        }
    }

    private static IEnumerable<World> Of(World world, ModelController controller)
    {
        var fuel = world.Fuel;
        if (fuel.Crashes > 0 && controller.Pending is not null)
        {
            var reborn = controller with { Life = controller.Life + 1, Pending = null, Transitions = -1 };
            yield return world.With(reborn) with
            {
                Fuel = fuel with { Crashes = fuel.Crashes - 1 },
            };
        }

        // The old leader goes on: nothing but the record stops it.
        if (world.Holder != controller.Number && fuel.TakeOvers > 0 || controller.Transitions < 0)
        {
            var leads = controller with { Transitions = world.Transitions + 1, Pending = null };
            yield return world.With(leads) with
            {
                Transitions = world.Transitions + 1,
                Holder = controller.Number,
                Fuel = controller.Transitions < 0 ? fuel : fuel with { TakeOvers = fuel.TakeOvers - 1 },
            };
        }

        if (controller.Transitions < 0 || (controller.Transitions == 0 && controller.Number != 0))
        {
            yield break;
        }

        if (controller.Pending is not { } pending)
        {
            foreach (var want in Wants(world))
            {
                yield return Stepped(world, controller, want, answer: null);
            }
        }
        else if (pending.Answer is not null)
        {
            yield return Stepped(world, controller, pending.Want, pending.Answer);
        }
        else
        {
            foreach (var next in pending.IsWritten ? Called(world, controller) : Put(world, controller))
            {
                yield return next;
            }
        }
    }

    private static IEnumerable<Want?> Wants(World world) =>
        world.Pods.SelectMany(pod => world.Watches.Select(watch => (Want?)new Want(pod.Uid, watch))).Append(null);

    private static World Stepped(World world, ModelController controller, Want? want, CallAnswer? answer)
    {
        var (step, input) = controller.Step(world, want, answer);
        Invariants.OfStep(world, step, input);
        return world.With(
            controller with
            {
                Pending = step.Put is null ? null : new Pending(step, world.Version, world.Elapsed, want, false, null),
            }
        );
    }

    /// <summary>The write is done, or refused for its version; its answer may be lost, and then everything is read again.</summary>
    private static IEnumerable<World> Put(World world, ModelController controller)
    {
        var pending = controller.Pending!;
        var idle = world.With(controller with { Pending = null });
        if (pending.Version != world.Version)
        {
            yield return idle;
            yield break;
        }

        Invariants.OfWrite(world, controller);
        var written = idle with { Record = pending.Step!.Put, Version = world.Version + 1 };
        yield return pending.Step switch
        {
            { Call: true } => written.With(controller with { Pending = pending with { IsWritten = true } }),
            { Continue: true } => Stepped(written, controller with { Pending = null }, pending.Want, answer: null),
            _ => written,
        };
        if (world.Fuel.Losses > 0)
        {
            var fuel = world.Fuel with { Losses = world.Fuel.Losses - 1 };
            yield return written with
            {
                Fuel = fuel,
            };
            yield return idle with
            {
                Fuel = fuel,
            };
        }
    }

    private static IEnumerable<World> Called(World world, ModelController controller)
    {
        var pending = controller.Pending!;
        var run = pending.Step!.Put!.Restart!;
        var call = new LateCall(run.Pod.Uid!, run.DecidedTime, pending.Time);
        if (!world.MayArrive(call))
        {
            yield return world.With(controller with { Pending = null });
            yield break;
        }

        World Answered(World after, CallAnswerKind kind) =>
            after.With(controller with { Pending = pending with { Answer = new CallAnswer(kind, "") } });

        var there = world.Pods.Any(known => known.Uid == call.Pod && !known.IsEnding);
        yield return Answered(world.Evict(call), there ? CallAnswerKind.Accepted : CallAnswerKind.Gone);
        yield return Answered(world, CallAnswerKind.Refused);
        yield return Answered(world, CallAnswerKind.DisruptionBudget);
        if (world.Fuel.Losses > 0)
        {
            var lost = world with { Fuel = world.Fuel with { Losses = world.Fuel.Losses - 1 } };
            yield return Answered(lost.Evict(call), CallAnswerKind.Unknown);
            yield return Answered(lost, CallAnswerKind.Unknown);

            // A 404 of a proxy, which says nothing about the pod.
            yield return Answered(lost, CallAnswerKind.Gone);
            yield return Answered(lost with { Late = [.. lost.Late, call] }, CallAnswerKind.Unknown);
        }
    }
}
