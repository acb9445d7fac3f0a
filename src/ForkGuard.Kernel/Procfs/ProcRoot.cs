using System.Buffers.Text;
using System.Text;

namespace ForkGuard.Kernel.Procfs;

/// <summary>A /proc, or a captured tree of the same shape. Opens and reads without allocating.</summary>
public sealed class ProcRoot
{
    /// <summary>Room for the root, a pid and the longest name below it.</summary>
    private const int PathBytes = 512;

    /// <summary>Bytes that the path of a root may have.</summary>
    public const int LongestPath = 400;

    private readonly byte[] _root;

    /// <exception cref="ArgumentException">The path is longer than 400 bytes.</exception>
    public ProcRoot(string path = "/proc")
    {
        Path = path;
        _root = Encoding.UTF8.GetBytes(path.TrimEnd('/'));
        if (_root.Length > LongestPath)
        {
            throw new ArgumentException("the path is longer than 400 bytes", nameof(path));
        }
    }

    public string Path { get; }

    /// <summary>The bytes of a page on this machine; a captured tree is read with the same.</summary>
    public static int PageSize => Libc.PageSize;

    /// <summary>Opens a file below the root, such as <c>meminfo</c>. Returns a descriptor, or minus the errno.</summary>
    internal int Open(ReadOnlySpan<byte> name)
    {
        Span<byte> path = stackalloc byte[PathBytes];
        Compose(path, pid: -1, name);
        return Libc.Open(path);
    }

    /// <summary>Opens a file of a process, such as <c>statm</c>. Returns a descriptor, or minus the errno.</summary>
    internal int Open(int pid, ReadOnlySpan<byte> name)
    {
        Span<byte> path = stackalloc byte[PathBytes];
        Compose(path, pid, name);
        return Libc.Open(path);
    }

    /// <summary>Reads a file below the root from its beginning, as far as the buffer goes.</summary>
    internal ReadStatus TryRead(ReadOnlySpan<byte> name, Span<byte> buffer, out ReadOnlySpan<byte> content) =>
        ReadWhole(Open(name), buffer, out content);

    /// <summary>Reads a file of a process from its beginning, as far as the buffer goes.</summary>
    internal ReadStatus TryRead(int pid, ReadOnlySpan<byte> name, Span<byte> buffer, out ReadOnlySpan<byte> content) =>
        ReadWhole(Open(pid, name), buffer, out content);

    internal ReadStatus TryReadLink(int pid, ReadOnlySpan<byte> name, Span<byte> buffer, out ReadOnlySpan<byte> target)
    {
        Span<byte> path = stackalloc byte[PathBytes];
        Compose(path, pid, name);
        var n = Libc.ReadLink(path, buffer);
        target = n < 0 ? default : buffer[..n];
        return n < 0 ? StatusOf(-n) : ReadStatus.Ok;
    }

    internal static ReadStatus StatusOf(int errno) =>
        errno switch
        {
            0 => ReadStatus.Ok,
            Libc.ENOENT or Libc.ESRCH => ReadStatus.Gone,
            Libc.EACCES or Libc.EPERM => ReadStatus.Denied,
            _ => ReadStatus.Failed,
        };

    private static ReadStatus ReadWhole(int fd, Span<byte> buffer, out ReadOnlySpan<byte> content)
    {
        content = default;
        if (fd < 0)
        {
            return StatusOf(-fd);
        }

        var length = 0;
        var n = 0;
        while (length < buffer.Length && (n = Libc.Read(fd, buffer[length..])) > 0)
        {
            length += n;
        }

        Libc.Close(fd);
        content = buffer[..length];
        return n < 0 ? StatusOf(-n) : ReadStatus.Ok;
    }

    private void Compose(Span<byte> path, int pid, ReadOnlySpan<byte> name)
    {
        _root.CopyTo(path);
        var at = _root.Length;
        path[at++] = (byte)'/';
        if (pid >= 0)
        {
            _ = Utf8Formatter.TryFormat(pid, path[at..], out var written);
            at += written;
            path[at++] = (byte)'/';
        }

        name.CopyTo(path[at..]);
        path[at + name.Length] = 0;
    }
}
