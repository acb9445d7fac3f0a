using System.Globalization;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>The overcommit mode of this machine, which a node of these tests never changes.</summary>
internal static class MachineMode
{
    private const string File = "/proc/sys/vm/overcommit_memory";

    /// <summary>As it was before the node started.</summary>
    public static int Before { get; } = Now;

    public static int Now => int.Parse(System.IO.File.ReadAllText(File), CultureInfo.InvariantCulture);

    /// <summary>Sees that it is what it was.</summary>
    /// <exception cref="InvalidOperationException">It was not; it is again.</exception>
    public static void Restore()
    {
        int now = Now;
        if (now != Before)
        {
            System.IO.File.WriteAllText(File, Before.ToString(CultureInfo.InvariantCulture));
            throw new InvalidOperationException(
                $"The run changed {File} from {Before} to {now}; it is {Before} again."
            );
        }
    }
}
