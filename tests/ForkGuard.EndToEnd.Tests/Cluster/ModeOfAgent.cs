using System.Globalization;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>
/// Another overcommit mode for the agent: a file over <c>/proc/sys/vm/overcommit_memory</c> in the mounts of its container. That
/// of the machine stays: in mode 1 it would hand out memory that it does not have, and not only to these tests.
/// </summary>
internal sealed class ModeOfAgent : IAsyncDisposable
{
    private const string Setting = "/proc/sys/vm/overcommit_memory";

    // The image has no program but the agent: the file is written from outside, and `mount` enters for the call only.
    private const string Agent = "agent=$(pgrep -xf '/usr/bin/forkguard agent .*'); file=/dev/shm/overcommit_memory; ";

    private ModeOfAgent() { }

    public static async Task<ModeOfAgent> SetAsync(int mode, CancellationToken cancellationToken)
    {
        await Shell.InsideAsync(
            Agent + "echo $0 >/proc/$agent/root$file; mount --namespace $agent --bind $file $1",
            [mode.ToString(CultureInfo.InvariantCulture), Setting],
            cancellationToken: cancellationToken
        );
        return new();
    }

    /// <summary>
    /// The agent reads the machine's mode again. No restart follows a change of the mode for ten minutes, so the report that
    /// remembers it is made anew.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await Shell.InsideAsync(Agent + "umount --namespace $agent $0; rm /proc/$agent/root$file", [Setting]);
        await Node.ReportAsync(
            report => (int?)report["status"]?["kernel"]?["overcommitMode"] == MachineMode.Before,
            "of the machine's mode",
            CancellationToken.None
        );
        await Shell.SucceedAsync(["kubectl", "delete", "nodeforkreport", Node.Name]);
        await Node.ReportAsync(report => report["status"] is not null, "made anew", CancellationToken.None);
    }
}
