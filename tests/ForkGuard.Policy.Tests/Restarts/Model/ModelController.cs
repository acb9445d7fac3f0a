using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Policy.Tests.Restarts.Model;

/// <summary>A controller between two steps: the loop that reads, steps, writes and calls.</summary>
/// <param name="Number">Of the process.</param>
/// <param name="Life">Grows with every start of the process.</param>
/// <param name="Transitions">The count of the Lease when this term began.</param>
/// <param name="Pending">What it is about to do; null before it reads.</param>
internal sealed record ModelController(int Number, int Life, int Transitions, Pending? Pending)
{
    internal RestartWriter Writer =>
        GivenRestart.Writer with
        {
            LeaseTransitions = Transitions,
            Identity = $"{Number}-{Life}",
        };

    internal string Key(int version) => $"{Number} {Life} {Transitions} {Pending?.Key(version)}";

    /// <summary>Reads everything, and computes the next step for a wanted restart, or for none.</summary>
    internal (RestartStep Step, RestartInput Input) Step(World world, Want? want, CallAnswer? answer)
    {
        var run = world.Record?.Restart;
        var about = want?.Pod ?? run?.Pod.Uid;
        var known = world.Pods.FirstOrDefault(other => other.Uid == about);
        var replacement = run?.Replacement?.Pod.Uid;
        var input = new RestartInput
        {
            Record = world.Record,
            Version = $"{world.Version}",
            CreatedTime = world.Record is null ? null : Given.Start,
            Request = want is null ? null : RequestFor(world, want),
            Facts = new RestartFacts
            {
                IsLeader = true,
                Pod = known is null ? null : GivenRestart.Pod with { Uid = known.Uid, IsTerminating = known.IsEnding },
                Owner = GivenRestart.Workload,
                Siblings = [.. world.Pods.Select(p => GivenRestart.Sibling(p.Uid, terminating: p.IsEnding))],
                Node = GivenRestart.Facts.Node,
                Reading = replacement is null ? null : new ReplacementReading(ProofLevel.Below, 20, world.Now),
            },
            Answer = answer,
            Writer = Writer,
            Times = World.Times,
            Now = world.Now,
        };
        return (RestartMachine.Step(input), input);
    }

    private static RestartRequest RequestFor(World world, Want want) =>
        GivenRestart.Request with
        {
            Pod = GivenRestart.PodOf(want.Pod),
            Watch = GivenRestart.Request.Watch with { Uid = want.Watch },
            Cooldown = World.Cooldown,
            BlockedBy = world.GatesPass ? [] : [BlockReason.Paused],
        };
}

/// <summary>A step that is not carried out yet.</summary>
/// <param name="Step">The step.</param>
/// <param name="Version">The version of the record that it follows from.</param>
/// <param name="Time">When the step was decided.</param>
/// <param name="Want">The wanted restart; null if none was.</param>
/// <param name="IsWritten">Its write is done, and the call is next.</param>
/// <param name="Answer">The answer to the call, not written yet.</param>
internal sealed record Pending(
    RestartStep? Step,
    int Version,
    TimeSpan Time,
    Want? Want,
    bool IsWritten,
    CallAnswer? Answer
)
{
    /// <summary>A version that is not the newest never becomes so again.</summary>
    internal string Key(int version) =>
        $"{World.KeyOf(Step?.Put)}{Step?.Call}{Step?.Continue} {Version == version} {Want?.Pod} {Want?.Watch} {IsWritten} {Answer}{(Step?.Call == true ? Time : null)}";
}
