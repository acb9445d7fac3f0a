using System.Runtime.InteropServices;
using ForkGuard.Kernel.Procfs;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>One file of one cgroup: its descriptor between scans, and the number that this scan read.</summary>
internal sealed class HeldCgroupFile(CgroupFile file, CgroupRoot root)
{
    private const int MaxFileNameBytes = 64;
    private const int MaxNumberBytes = 64;

    private int _descriptor = -1;
    private int _watch = -1;
    private long _watchScan;
    private long _scan = -1;
    private DateTimeOffset _absentUntil;
    private DateTimeOffset _keptUntil;
    private CgroupNumber _number;

    internal CgroupFile File => file;

    /// <summary>The last read found that the cgroup of the descriptor was removed; another one may have its path.</summary>
    internal bool LostCgroup { get; private set; }

    internal CgroupNumber Number(ReadOnlySpan<byte> directory, bool canHold)
    {
        if (_scan == root.Scan || _keptUntil > root.Now)
        {
            return _number;
        }

        if (_absentUntil > root.Now)
        {
            return new CgroupNumber { Status = CgroupReadStatus.Absent };
        }

        Span<byte> buffer = stackalloc byte[MaxNumberBytes];
        var status = Read(directory, canHold, buffer, out var text, out var errno);
        _number = status switch
        {
            CgroupReadStatus.Ok => CgroupNumber.Parse(text, file.UnlimitedFrom),
            CgroupReadStatus.Failed => new CgroupNumber
            {
                Status = status,
                Problem = Marshal.GetPInvokeErrorMessage(errno),
            },
            _ => new CgroupNumber { Status = status },
        };
        _scan = root.Scan;
        _absentUntil = status == CgroupReadStatus.Absent ? root.Now + CgroupRoot.KeptFor : default;
        return _number;
    }

    /// <summary>Keeps a number that this scan read. One that is kept already is not kept for longer.</summary>
    internal void Keep(DateTimeOffset until)
    {
        if (_scan == root.Scan)
        {
            _keptUntil = until;
        }
    }

    /// <summary>As <see cref="Keep"/>, if the file was watched before this scan read it; otherwise nothing.</summary>
    internal void KeepWatched(DateTimeOffset until)
    {
        if (_watchScan < root.Scan && root.Watches.Stands(_watch))
        {
            Keep(until);
        }
    }

    /// <summary>Watches the file of the held descriptor for writes, if that is possible.</summary>
    internal void Watch(Cgroup cgroup)
    {
        if (_descriptor >= 0 && !root.Watches.Stands(_watch))
        {
            _watch = root.Watches.Add(_descriptor, cgroup);
            _watchScan = root.Scan;
        }
    }

    /// <summary>Ends what <see cref="Keep"/> began.</summary>
    internal void Forget() => _keptUntil = default;

    internal CgroupReadStatus Read(
        ReadOnlySpan<byte> directory,
        bool canHold,
        Span<byte> buffer,
        out ReadOnlySpan<byte> text,
        out int errno
    )
    {
        LostCgroup = false;
        if (_descriptor >= 0)
        {
            var held = ReadAll(_descriptor, buffer, out text, out errno);
            if (held == CgroupReadStatus.Ok)
            {
                return held;
            }

            // The cgroup was removed, and another one may have its path by now.
            Release();
            if (held == CgroupReadStatus.Failed)
            {
                return held;
            }

            LostCgroup = true;
        }

        text = default;
        var status = Open(directory, out var fd, out errno);
        if (status != CgroupReadStatus.Ok)
        {
            return status;
        }

        status = ReadAll(fd, buffer, out text, out errno);
        if (status == CgroupReadStatus.Ok && canHold && root.TryHold())
        {
            _descriptor = fd;
        }
        else
        {
            Libc.Close(fd);
        }

        return status;
    }

    internal void Release()
    {
        if (_descriptor >= 0)
        {
            root.Watches.Remove(_watch);
            _watch = -1;
            Libc.Close(_descriptor);
            _descriptor = -1;
            root.Unhold();
        }
    }

    private CgroupReadStatus Open(ReadOnlySpan<byte> directory, out int fd, out int errno)
    {
        Span<byte> path = stackalloc byte[Cgroup.MaxPathBytes + MaxFileNameBytes];
        directory.CopyTo(path);
        path[directory.Length] = (byte)'/';
        var name = path[(directory.Length + 1)..];
        file.NameBytes.CopyTo(name);
        name[file.NameBytes.Length] = 0;
        fd = Libc.Open(path);
        errno = fd < 0 ? -fd : 0;
        if (errno != Libc.ENOENT)
        {
            return StatusOf(errno);
        }

        name[0] = 0;
        var folder = Libc.Open(path);
        if (folder >= 0)
        {
            Libc.Close(folder);
            errno = 0;
            return CgroupReadStatus.Absent;
        }

        errno = -folder;
        return errno == Libc.ENOENT ? CgroupReadStatus.Gone : StatusOf(errno);
    }

    // From offset 0 the kernel writes the file again. One read returns all of a number.
    private static CgroupReadStatus ReadAll(int fd, Span<byte> buffer, out ReadOnlySpan<byte> text, out int errno)
    {
        var length = 0;
        int n;
        do
        {
            n = Libc.ReadAt(fd, buffer[length..], length);
            length += Math.Max(n, 0);
        } while (n > 0 && length < buffer.Length && buffer.Length > MaxNumberBytes);

        text = n < 0 ? default : buffer[..length];
        errno = n < 0 ? -n : 0;
        return StatusOf(errno);
    }

    private static CgroupReadStatus StatusOf(int errno) =>
        errno switch
        {
            0 => CgroupReadStatus.Ok,
            Libc.ENODEV => CgroupReadStatus.Gone,
            _ => CgroupReadStatus.Failed,
        };
}
