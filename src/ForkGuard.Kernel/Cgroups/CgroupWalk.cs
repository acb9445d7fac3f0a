using System.Buffers.Binary;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>
/// Visits a cgroup and every cgroup below it, a few at a time, and reads one file of each. A cgroup that has a limit of its own is
/// left out with all below it. Not for several threads at once.
/// </summary>
/// <param name="top">Visited whatever limit it has.</param>
/// <param name="file">The file to read.</param>
/// <param name="limit">The limit.</param>
internal sealed class CgroupWalk(Cgroup top, CgroupFile file, CgroupFile limit)
{
    /// <summary>Cgroups that wait for their visit: each takes about 100 bytes.</summary>
    internal const int MaxPending = 1024;

    // struct linux_dirent64: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name.
    private const int LengthOffset = 16;
    private const int TypeOffset = 18;
    private const int NameOffset = 19;
    private const int MaxFileNameBytes = 64;
    private const int MaxNumberBytes = 64;
    private const byte DirectoryType = 4;

    private readonly byte[] _path = new byte[Cgroup.MaxPathBytes + MaxFileNameBytes];
    private readonly Stack<Waiting> _pending = [];

    /// <summary>No cgroup is left to visit; so it is before the first walk.</summary>
    internal bool IsOver => _pending.Count == 0;

    /// <summary>
    /// The walk has passed over none of the cgroups that existed all the time: none was unreadable, and there were not too many.
    /// </summary>
    internal bool SeesAll { get; private set; }

    /// <summary>The cgroup that was visited last has a limit of its own.</summary>
    internal bool IsLimited { get; private set; }

    internal void Restart()
    {
        _pending.Clear();
        _pending.Push(new Waiting(Parent: null, top.Directory.ToArray()));
        SeesAll = true;
    }

    /// <summary>
    /// Visits the next cgroup. False if it was removed meanwhile, has no such file, or has a limit of its own: then the inode is
    /// known all the same.
    /// </summary>
    /// <param name="buffer">Takes the file.</param>
    /// <param name="inode">Number of the cgroup, which no other one ever gets, also when its path is used again.</param>
    /// <param name="text">The file, as far as the buffer goes.</param>
    internal bool TryVisit(Span<byte> buffer, out ulong inode, out ReadOnlySpan<byte> text)
    {
        var cgroup = _pending.Pop();
        text = default;
        var length = cgroup.WriteTo(_path);
        IsLimited = cgroup.Parent is not null && HasLimit(length);
        return TryList(cgroup, length, out inode) && !IsLimited && TryRead(length, file, buffer, out text);
    }

    private bool HasLimit(int length)
    {
        Span<byte> buffer = stackalloc byte[MaxNumberBytes];
        return TryRead(length, limit, buffer, out var text)
            && CgroupNumber.Parse(text, limit.UnlimitedFrom) is { IsLimit: true };
    }

    private bool TryList(Waiting cgroup, int pathLength, out ulong inode)
    {
        inode = 0;
        _path[pathLength] = 0;
        var fd = Libc.Open(_path);
        if (fd < 0)
        {
            SeesAll &= fd == -Libc.ENOENT;
            return false;
        }

        Span<byte> entries = stackalloc byte[4096];
        int n;
        while ((n = Libc.ReadDirectory(fd, entries)) > 0)
        {
            for (var rest = entries[..n]; rest.Length > NameOffset; )
            {
                var length = BinaryPrimitives.ReadUInt16LittleEndian(rest[LengthOffset..]);
                var name = rest[NameOffset..length];
                name = name[..name.IndexOf((byte)0)];
                if (name.SequenceEqual("."u8))
                {
                    inode = BinaryPrimitives.ReadUInt64LittleEndian(rest);
                }
                else if (!IsLimited && rest[TypeOffset] == DirectoryType && !name.SequenceEqual(".."u8))
                {
                    Add(cgroup, pathLength, name);
                }

                rest = rest[length..];
            }
        }

        Libc.Close(fd);
        SeesAll &= n is 0 or -Libc.ENOENT;
        return inode != 0;
    }

    private void Add(Waiting parent, int pathLength, ReadOnlySpan<byte> name)
    {
        if (_pending.Count < MaxPending && pathLength + name.Length + 1 < Cgroup.MaxPathBytes)
        {
            _pending.Push(new Waiting(parent, name.ToArray()));
        }
        else
        {
            SeesAll = false;
        }
    }

    private bool TryRead(int pathLength, CgroupFile read, Span<byte> buffer, out ReadOnlySpan<byte> text)
    {
        text = default;
        _path[pathLength] = (byte)'/';
        read.NameBytes.CopyTo(_path.AsSpan(pathLength + 1));
        _path[pathLength + 1 + read.NameBytes.Length] = 0;
        var fd = Libc.Open(_path);
        if (fd < 0)
        {
            SeesAll &= fd == -Libc.ENOENT;
            return false;
        }

        var n = Libc.Read(fd, buffer);
        Libc.Close(fd);
        SeesAll &= n is > 0 or -Libc.ENODEV;
        text = buffer[..Math.Max(n, 0)];
        return n > 0;
    }

    /// <summary>A cgroup by its name below its parent: whole paths may have 4 KiB each.</summary>
    /// <param name="Parent">Null for the top.</param>
    /// <param name="Name">The whole path for the top.</param>
    private sealed record Waiting(Waiting? Parent, byte[] Name)
    {
        /// <summary>Writes the path. Returns its length.</summary>
        internal int WriteTo(Span<byte> path)
        {
            var length = Parent?.WriteTo(path) ?? 0;
            if (Parent is not null)
            {
                path[length++] = (byte)'/';
            }

            Name.CopyTo(path[length..]);
            return length + Name.Length;
        }
    }
}
