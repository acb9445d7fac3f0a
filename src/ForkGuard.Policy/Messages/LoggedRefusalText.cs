using ForkGuard.Api;
using ForkGuard.Api.Constraints;

namespace ForkGuard.Policy.Messages;

/// <summary>Refusals that the kernel's log shows, in a clause.</summary>
public static class LoggedRefusalText
{
    /// <summary>A clause without the command, such as <c>the kernel refused a fork or a mapping 4 times within 9 s</c>.</summary>
    public static string Of(RefusalReport refusal)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        var seconds = (long)(refusal.LastTime - refusal.Since).TotalSeconds;
        var times = $"{refusal.Count} {(refusal.Count == 1 ? "time" : "times")}";
        var period = seconds < 1 ? "" : $" within {SizeText.Duration(seconds)}";
        var size = refusal.LastBytes is { } bytes ? $", the last of {SizeText.Bytes(bytes)}" : "";
        return refusal.Kind.Known switch
        {
            RefusalKind.Pids =>
                $"the kernel refused a fork in cgroup {PrintableText.Escape(refusal.Name)} at its pids limit, as its log shows",
            RefusalKind.Memory => $"the kernel refused a fork or a mapping {times}{period}{size}, as its log shows",
            RefusalKind.SuppressedMemory =>
                $"the kernel refused forks or mappings {times}{period} and did not log whose",
            _ => $"the kernel refused {times}{period}: {PrintableText.Escape(refusal.Kind.Text)}",
        };
    }
}
