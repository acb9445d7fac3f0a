using System.Text.Json.Nodes;

namespace ForkGuard.EndToEnd.Tests.Cluster;

/// <summary>
/// Overcommit mode 1 for the agent: another file of /proc, whose content is 1, over <c>/proc/sys/vm/overcommit_memory</c> in the
/// mounts of its container. It must be one of the kernel's: the agent trusts no other. The machine's mode stays: in mode 1 it
/// would hand out memory that it does not have, and not only to these tests.
/// </summary>
internal sealed class ModeOfAgent : IAsyncDisposable
{
    private const string Setting = "/proc/sys/vm/overcommit_memory";
    private const string One = "/proc/sys/net/ipv4/tcp_sack";

    // The image has no program but the agent: `mount` enters for the call only.
    private const string Agent = "agent=$(pgrep -xf '/usr/bin/forkguard agent .*'); ";

    private ModeOfAgent() { }

    /// <summary>Returns once the node's report is of mode 1.</summary>
    public static async Task<ModeOfAgent> SetToOneAsync(CancellationToken cancellationToken)
    {
        await Shell.InsideAsync(
            Agent + "grep -qx 1 $0; mount --namespace $agent --bind $0 $1",
            [One, Setting],
            cancellationToken: cancellationToken
        );
        ModeOfAgent mode = new();
        await IsReportedAsync(1, cancellationToken);
        return mode;
    }

    /// <summary>
    /// The agent reads the machine's mode again. No restart for accounting follows a change of the mode for ten minutes, so the
    /// report that remembers it is made again.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await Shell.InsideAsync(Agent + "umount --namespace $agent $0", [Setting]);
        await IsReportedAsync(MachineMode.Before, CancellationToken.None);
        await Shell.SucceedAsync(["kubectl", "delete", "nodeforkreport", Node.Name]);
        await IsReportedAsync(MachineMode.Before, CancellationToken.None);
    }

    private static Task<JsonNode> IsReportedAsync(int mode, CancellationToken cancellationToken) =>
        Node.ReportAsync(
            report => (int?)report["status"]?["kernel"]?["overcommitMode"] == mode,
            $"of mode {mode}",
            cancellationToken
        );
}
