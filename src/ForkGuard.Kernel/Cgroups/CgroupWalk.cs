using System.Buffers.Binary;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>
/// Visits a cgroup and every cgroup below it, a few at a time, and reads one file of each. Not for several threads at once.
/// </summary>
internal sealed class CgroupWalk(Cgroup top, CgroupFile file)
{
    private const int MaxPending = 4096;

    // struct linux_dirent64: d_ino 8, d_off 8, d_reclen 2, d_type 1, d_name.
    private const int LengthOffset = 16;
    private const int TypeOffset = 18;
    private const int NameOffset = 19;
    private const byte DirectoryType = 4;

    private readonly Stack<byte[]> _pending = [];

    /// <summary>No cgroup is left to visit; so it is before the first walk.</summary>
    internal bool IsOver => _pending.Count == 0;

    /// <summary>
    /// The walk has passed over none of the cgroups that existed all the time: none was unreadable, and there were not too many.
    /// </summary>
    internal bool SeesAll { get; private set; }

    internal void Restart()
    {
        _pending.Clear();
        _pending.Push(top.Directory.ToArray());
        SeesAll = true;
    }

    /// <summary>Visits the next cgroup. False if it was removed meanwhile, or has no such file.</summary>
    /// <param name="buffer">Takes the file.</param>
    /// <param name="inode">Number of the cgroup, which no other one ever gets, also when its path is used again.</param>
    /// <param name="text">The file, as far as the buffer goes.</param>
    internal bool TryVisit(Span<byte> buffer, out ulong inode, out ReadOnlySpan<byte> text)
    {
        var directory = _pending.Pop();
        text = default;
        return TryList(directory, out inode) && TryRead(directory, buffer, out text);
    }

    private bool TryList(byte[] directory, out ulong inode)
    {
        inode = 0;
        var fd = Libc.Open([.. directory, 0]);
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
                else if (rest[TypeOffset] == DirectoryType && !name.SequenceEqual(".."u8))
                {
                    Add(directory, name);
                }

                rest = rest[length..];
            }
        }

        Libc.Close(fd);
        SeesAll &= n is 0 or -Libc.ENOENT;
        return inode != 0;
    }

    private void Add(byte[] directory, ReadOnlySpan<byte> name)
    {
        if (_pending.Count < MaxPending && directory.Length + name.Length + 1 < Cgroup.MaxPathBytes)
        {
            _pending.Push([.. directory, (byte)'/', .. name]);
        }
        else
        {
            SeesAll = false;
        }
    }

    private bool TryRead(byte[] directory, Span<byte> buffer, out ReadOnlySpan<byte> text)
    {
        text = default;
        var fd = Libc.Open([.. directory, (byte)'/', .. file.NameBytes, 0]);
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
}
