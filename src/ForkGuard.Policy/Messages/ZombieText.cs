using ForkGuard.Api;

namespace ForkGuard.Policy.Messages;

/// <summary>Zombies among the tasks of a cgroup.</summary>
public static class ZombieText
{
    /// <summary>Such as <c>60 zombies not reaped by sh (pid 12)</c>; null without zombies.</summary>
    public static string? Of(ConstraintReport constraint)
    {
        ArgumentNullException.ThrowIfNull(constraint);
        if (constraint.Zombies is not > 0)
        {
            return null;
        }

        var zombies = constraint.Zombies == 1 ? "1 zombie" : $"{constraint.Zombies} zombies";
        return constraint.ZombieParent is { } parent
            ? $"{zombies} not reaped by {Parent(parent)}"
            : $"{zombies} not reaped";
    }

    internal static string Parent(ZombieParentReport parent) =>
        $"{PrintableText.Escape(parent.Command)} (pid {parent.Pid})";
}
