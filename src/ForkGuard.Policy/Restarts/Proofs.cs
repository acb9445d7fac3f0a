using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>Steps of a restart whose replacement runs: it must stay below <c>actAtPercent</c> for long enough.</summary>
internal static class Proofs
{
    internal static RestartStep Step(RestartInput input)
    {
        var run = input.Record!.Restart!;
        if (Replacements.Interrupted(input) is { } interrupted)
        {
            return interrupted;
        }

        if (run.Replacement is not { } replacement)
        {
            return RestartMachine.Written(input, RunEnd.Lost(input));
        }

        var cooldown = input.Record.Cooldown is { } decided ? decided.Until - decided.Since : TimeSpan.Zero;
        var proof = input.Times.Proof(cooldown);
        var name = RestartText.Of(replacement.Pod);
        if (!input.Facts.Siblings.Any(pod => pod.Uid == replacement.Pod.Uid && !pod.IsTerminating))
        {
            return Ended(input, RestartResult.Unproven, $"{name} ended before it was proven");
        }

        // A reading from before the replacement was Ready may be of the pod before it.
        var reading = input.Facts.Reading is { } read && read.SeenTime > replacement.SeenTime ? read : null;
        return reading switch
        {
            { Level: ProofLevel.Changed } => Ended(
                input,
                RestartResult.Unproven,
                $"the overcommit mode or the limit of {name} is another one"
            ),
            { Level: ProofLevel.AtOrAbove } => Ended(
                input,
                RestartResult.DidNotHelp,
                $"{name} reached {reading.Percent} % again (actAtPercent is {run.ActAtPercent})"
            ),
            { Level: ProofLevel.Below } when reading.SeenTime >= replacement.SeenTime + proof => Ended(
                input,
                RestartResult.Helped,
                $"{name} stayed below {run.ActAtPercent} % for {SizeText.Duration((long)proof.TotalSeconds)}"
            ),
            _ when input.Now >= replacement.SeenTime + proof * 2 => Ended(
                input,
                RestartResult.Unproven,
                $"no report about {name} for {SizeText.Duration((long)(proof * 2).TotalSeconds)}"
            ),
            _ => RestartMachine.Waits(replacement.SeenTime + proof),
        };
    }

    private static RestartStep Ended(RestartInput input, RestartResult result, string message) =>
        RestartMachine.Written(input, RunEnd.With(input, result, message));
}
