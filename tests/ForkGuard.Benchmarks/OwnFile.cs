using Microsoft.Win32.SafeHandles;

namespace ForkGuard.Benchmarks;

/// <summary>A file of /proc/self: read anew without allocating, or as it was when the measuring began. Open as long as the program runs.</summary>
internal sealed class OwnFile(string name)
{
    private readonly SafeFileHandle _file = File.OpenHandle($"/proc/self/{name}");
    private readonly byte[] _again = new byte[1 << 20];
    private byte[] _content = [];

    internal ReadOnlySpan<byte> Content => _content;

    internal void Read() => _content = _again[..ReadAgain()];

    /// <summary>Returns its length.</summary>
    internal int ReadAgain()
    {
        var length = 0;
        int n;
        while ((n = RandomAccess.Read(_file, _again.AsSpan(length), length)) > 0)
        {
            length += n;
        }

        return length;
    }
}
