using System.Buffers;
using System.Text;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>
/// Finds pods in the path of a cgroup, from its root to its end. The kubelet names a pod's cgroup
/// <c>kubepods[-QOS]-podUID.slice</c> (systemd driver, <c>_</c> for <c>-</c>) or <c>pod UID</c> without the space below
/// <c>kubepods</c> (cgroupfs driver); pkg/kubelet/cm/cgroup_manager_linux.go. The runtime names the container's below it.
/// </summary>
internal ref struct PodCgroupPath
{
    private const int LongestUid = 64;
    private const int ShortestContainerId = 12;
    private const int LongestContainerId = 128;

    private static readonly SearchValues<byte> Hexadecimal = SearchValues.Create("0123456789abcdef"u8);

    private bool _isBelowPods;

    /// <summary>Some segment belongs to the kubelet's pods, whether or not a pod is named.</summary>
    internal bool IsOfPods { get; private set; }

    /// <summary>The pod nearest to the root: nothing inside of it can put another one in its place.</summary>
    internal PodCgroup? Outer { get; private set; }

    /// <summary>The last pod of a path that names several, as on a node that is itself a pod.</summary>
    internal PodCgroup? Inner { get; private set; }

    internal static PodCgroupPath Read(ReadOnlySpan<byte> path)
    {
        var found = new PodCgroupPath
        {
            // Seen from a cgroup namespace whose root is a pod of the cgroupfs driver, kubepods is above what is shown.
            _isBelowPods = path.StartsWith("/.."u8),
        };
        var isOfPod = false;
        foreach (var range in path.Split((byte)'/'))
        {
            var segment = path[range];
            if (segment.IsEmpty)
            {
                continue;
            }

            // Below it users name cgroups as they like (systemd.special(7)).
            if (found.Outer is null && segment.SequenceEqual("user.slice"u8))
            {
                break;
            }

            if (isOfPod)
            {
                isOfPod = false;
                found.NameContainer(segment);
            }

            if (found.TryReadPod(segment, out var pod))
            {
                isOfPod = pod.ContainerId is null;
                found.Note(pod);
            }
        }

        return found;
    }

    private bool TryReadPod(ReadOnlySpan<byte> segment, out PodCgroup pod)
    {
        pod = null!;

        // containerd without SystemdCgroup below a kubelet of the systemd driver: slice, prefix and id in one segment.
        var colon = segment.IndexOf((byte)':');
        var container = colon < 0 ? default : segment[(segment.LastIndexOf((byte)':') + 1)..];
        var slice = colon < 0 ? segment : segment[..colon];
        ReadOnlySpan<byte> uid;
        if (slice.EndsWith(".slice"u8))
        {
            slice = slice[..^".slice"u8.Length];
            if (!IsKubepodsSlice(slice))
            {
                return false;
            }

            IsOfPods = true;
            var at = slice.LastIndexOf("-pod"u8);
            uid = at < 0 ? default : slice[(at + "-pod"u8.Length)..];
        }
        else if (segment.SequenceEqual("kubepods"u8))
        {
            IsOfPods = true;
            _isBelowPods = true;
            return false;
        }
        else
        {
            uid = _isBelowPods && segment.StartsWith("pod"u8) ? segment["pod"u8.Length..] : default;
            if (!IsOfPods && !IsUid(uid))
            {
                return false;
            }
        }

        if (uid.IsEmpty || uid.Length > LongestUid || !IsPlain(uid))
        {
            return false;
        }

        IsOfPods = true;
        pod = new PodCgroup(Encoding.ASCII.GetString(uid).Replace('_', '-'), IdOf(container));
        return true;
    }

    // A prefix of the kubelet's own (--cgroup-root, as kind has it) may begin the name.
    private static bool IsKubepodsSlice(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("kubepods"u8)
        || name.StartsWith("kubepods-"u8)
        || name.EndsWith("-kubepods"u8)
        || name.IndexOf("-kubepods-"u8) >= 0;

    private void NameContainer(ReadOnlySpan<byte> segment)
    {
        if (IdOf(segment) is not { } id)
        {
            return;
        }

        if (Inner is not null)
        {
            Inner = Inner with { ContainerId = id };
        }
        else
        {
            Outer = Outer! with { ContainerId = id };
        }
    }

    private void Note(PodCgroup pod)
    {
        if (Outer is null)
        {
            Outer = pod;
        }
        else
        {
            Inner = pod;
        }
    }

    /// <summary>The id of <c>cri-containerd-ID.scope</c>, <c>crio-ID.scope</c>, <c>docker-ID.scope</c>, <c>crio-ID</c> or <c>ID</c>.</summary>
    private static string? IdOf(ReadOnlySpan<byte> segment)
    {
        if (segment.EndsWith(".scope"u8))
        {
            segment = segment[..^".scope"u8.Length];
        }

        // The monitor of a container is beside it, not in it.
        if (segment.StartsWith("crio-conmon-"u8))
        {
            return null;
        }

        segment = segment[(segment.LastIndexOf((byte)'-') + 1)..];
        return segment.Length is >= ShortestContainerId and <= LongestContainerId && IsHexadecimal(segment)
            ? Encoding.ASCII.GetString(segment)
            : null;
    }

    /// <summary>As Kubernetes makes them: a UUID, or the 32 digits of a static pod's hash.</summary>
    private static bool IsUid(ReadOnlySpan<byte> text) =>
        text.Length switch
        {
            32 => IsHexadecimal(text),
            36 => IsHexadecimal(text[..8])
                && text[8] is (byte)'-' or (byte)'_'
                && IsHexadecimal(text[9..13])
                && text[13] == text[8]
                && IsHexadecimal(text[14..18])
                && text[18] == text[8]
                && IsHexadecimal(text[19..23])
                && text[23] == text[8]
                && IsHexadecimal(text[24..]),
            _ => false,
        };

    private static bool IsHexadecimal(ReadOnlySpan<byte> text) => !text.ContainsAnyExcept(Hexadecimal);

    private static bool IsPlain(ReadOnlySpan<byte> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'-' or (byte)'_'))
            {
                return false;
            }
        }

        return true;
    }
}
