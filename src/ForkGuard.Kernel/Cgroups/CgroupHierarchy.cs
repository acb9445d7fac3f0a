using System.Text;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>One mounted hierarchy: the unified one of cgroup v2, or that of some controllers of cgroup v1.</summary>
internal sealed class CgroupHierarchy
{
    private const int MaxNameBytes = 255;

    private readonly byte[] _namespaceRoot = [];
    private readonly Cgroup _top;

    /// <param name="root">The hierarchies of this machine.</param>
    /// <param name="mountPath">Directory where it is mounted.</param>
    /// <param name="isUnified">cgroup v2.</param>
    /// <param name="ownPath">Path of the reader in this hierarchy, as its /proc shows it; null if it shows
    /// none.</param>
    /// <param name="ownPid">Pid of the reader.</param>
    internal CgroupHierarchy(CgroupRoot root, byte[] mountPath, bool isUnified, byte[]? ownPath, int ownPid)
    {
        Root = root;
        IsUnified = isUnified;
        MountPathLength = mountPath.Length;
        _top = new Cgroup(this, parent: null, mountPath);
        IsWhole = IsRootOfHierarchy(mountPath, isUnified);
        if (ownPath is null)
        {
            return;
        }

        if (CgroupNamespace.TryFindRoot(mountPath, ownPath, ownPid, out var found))
        {
            _namespaceRoot = found;
        }
        else
        {
            Problem = $"no cgroup below {Encoding.UTF8.GetString(mountPath)} contains process {ownPid}";
        }
    }

    internal CgroupRoot Root { get; }

    internal bool IsUnified { get; }

    internal int MountPathLength { get; }

    /// <summary>
    /// The mount shows the hierarchy from its root. Otherwise limits further up exist and cannot be read.
    /// </summary>
    internal bool IsWhole { get; }

    /// <summary>Reason for which no path of /proc can be placed; null if paths can.</summary>
    internal string? Problem { get; }

    /// <summary>
    /// Finds the cgroup that /proc shows as <paramref name="path"/> to this reader. Null for a path outside of the
    /// mount and one that is longer than a path may be. A read shows if it exists. Allocates only for a
    /// cgroup that was not seen before.
    /// </summary>
    internal Cgroup? Find(ReadOnlySpan<byte> path)
    {
        Span<byte> whole = stackalloc byte[Cgroup.MaxPathBytes];
        var length = _namespaceRoot.Length;
        _namespaceRoot.CopyTo(whole);
        while (path.StartsWith("/.."u8) && (path.Length == 3 || path[3] == (byte)'/'))
        {
            if (length == 0)
            {
                return null;
            }

            length = whole[..length].LastIndexOf((byte)'/');
            path = path[3..];
        }

        if (MountPathLength + length + path.Length >= Cgroup.MaxPathBytes)
        {
            return null;
        }

        path.CopyTo(whole[length..]);
        return Walk(whole[..(length + path.Length)]);
    }

    /// <summary>Removes the cgroups that no scan since <paramref name="oldestScan"/> has read.</summary>
    internal void Sweep(long oldestScan) => Sweep(_top, oldestScan);

    internal void DetachAll()
    {
        Sweep(_top, long.MaxValue);
        _top.Detach();
    }

    private static bool Sweep(Cgroup cgroup, long oldestScan)
    {
        foreach (var (name, child) in cgroup.Children)
        {
            if (Sweep(child, oldestScan))
            {
                child.Detach();

                // A dictionary may lose entries while it is enumerated.
                cgroup.Children.Remove(name);
            }
        }

        return cgroup.Children.Count == 0 && cgroup.LastScan < oldestScan;
    }

    private Cgroup? Walk(ReadOnlySpan<byte> path)
    {
        var at = _top;
        Span<char> key = stackalloc char[MaxNameBytes];
        foreach (var range in path.Split((byte)'/'))
        {
            var name = path[range];
            if (name.IsEmpty)
            {
                continue;
            }

            if (name.Length > MaxNameBytes || name.SequenceEqual(".."u8) || name.SequenceEqual("."u8))
            {
                return null;
            }

            // One character for each byte keeps names apart that are not UTF-8.
            var length = Encoding.Latin1.GetChars(name, key);
            var children = at.Children.GetAlternateLookup<ReadOnlySpan<char>>();
            if (!children.TryGetValue(key[..length], out var child))
            {
                child = new Cgroup(this, at, name) { LastScan = Root.Scan };
                at.Children.Add(new string(key[..length]), child);
            }

            at = child;
        }

        return at;
    }

    // Only the root of v1 has release_agent, and only the root of v2 has no cgroup.type.
    private static bool IsRootOfHierarchy(byte[] mountPath, bool isUnified) =>
        isUnified ? !Exists(mountPath, "/cgroup.type"u8) : Exists(mountPath, "/release_agent"u8);

    internal static bool Exists(ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name)
    {
        var fd = Libc.Open([.. directory, .. name, 0]);
        if (fd >= 0)
        {
            Libc.Close(fd);
        }

        return fd >= 0 || fd is -Libc.EACCES or -Libc.EPERM;
    }
}
