using System.Text;
using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>Whom a process belongs to, by /proc/PID/cgroup (cgroups(7)).</summary>
/// <param name="IsInPod">A pod of Kubernetes owns it, whichever runtime and cgroup driver.</param>
/// <param name="Unit">The systemd unit of a process that is in no pod; null if there is none.</param>
/// <param name="Pod">The pod; null if there is none, or only that it is in one is known.</param>
/// <param name="InnerPod">The last pod of a path that names several, as where a node runs in a pod of another cluster.</param>
public readonly record struct CgroupMembership(
    bool IsInPod,
    string? Unit,
    PodCgroup? Pod = null,
    PodCgroup? InnerPod = null
)
{
    /// <summary>
    /// Reads the cgroup of a process, or of one of its threads. One that has ended or may not be read gives no pod and no unit.
    /// </summary>
    public static CgroupMembership Read(ProcRoot proc, int pid, int thread = 0)
    {
        ArgumentNullException.ThrowIfNull(proc);
        Span<byte> buffer = stackalloc byte[16 * 1024];
        return proc.TryReadAll(pid, "cgroup"u8, buffer, out var text, thread) == ReadStatus.Ok ? Parse(text) : default;
    }

    /// <summary>Lines of <c>hierarchy:controllers:path</c>; a line that is not is passed over.</summary>
    public static CgroupMembership Parse(ReadOnlySpan<byte> text)
    {
        string? unit = null;
        var isInPod = false;
        while (Ascii.TryTakeLine(ref text, out var line))
        {
            var first = line.IndexOf((byte)':');
            var second = first < 0 ? -1 : line[(first + 1)..].IndexOf((byte)':');
            if (second < 0)
            {
                continue;
            }

            var path = line[(first + second + 2)..];
            var pods = PodCgroupPath.Read(path);
            if (pods.Outer is not null)
            {
                return new CgroupMembership(IsInPod: true, Unit: null, pods.Outer, pods.Inner);
            }

            isInPod |= pods.IsOfPods;
            unit ??= UnitOf(path);
        }

        return new CgroupMembership(isInPod, isInPod ? null : unit);
    }

    // The innermost unit: a service below user@1000.service is what its owner knows it by.
    private static string? UnitOf(ReadOnlySpan<byte> path)
    {
        while (!path.IsEmpty)
        {
            var slash = path.LastIndexOf((byte)'/');
            var segment = path[(slash + 1)..];
            if (segment.EndsWith(".service"u8) || segment.EndsWith(".scope"u8) || segment.EndsWith(".socket"u8))
            {
                return Encoding.UTF8.GetString(segment);
            }

            path = slash < 0 ? default : path[..slash];
        }

        return null;
    }
}
