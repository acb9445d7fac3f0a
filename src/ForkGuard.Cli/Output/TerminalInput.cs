using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ForkGuard.Cli.Output;

/// <summary>
/// Keys from a terminal, one at a time and without an echo (termios(3)). Signals such as Ctrl-C stay signals. Not for several
/// threads at once.
/// </summary>
internal sealed partial class TerminalInput : IDisposable
{
    internal const char Quit = 'q';
    internal const char Escape = '\u001b';
    internal const char Backspace = '\u007f';

    private const int Descriptor = 0;
    private const short PollInput = 1;
    private const int Now = 0;

    // struct termios of glibc: c_iflag, c_oflag, c_cflag, c_lflag, c_line, c_cc[32], and two speeds.
    private const int TermiosBytes = 60;
    private const int LocalFlags = 12;
    private const int ControlCharacters = 17;
    private const int Time = 5;
    private const int Minimum = 6;
    private const uint CanonicalAndEcho = 2 | 8;

    private readonly byte[] _saved;

    private TerminalInput(byte[] saved) => _saved = saved;

    /// <summary>Takes over standard input. Null if it is not a terminal.</summary>
    internal static TerminalInput? TryOpen()
    {
        var saved = new byte[TermiosBytes];
        if (Console.IsInputRedirected || GetAttributes(Descriptor, saved) != 0)
        {
            return null;
        }

        var changed = saved.ToArray();
        var flags = BinaryPrimitives.ReadUInt32LittleEndian(changed.AsSpan(LocalFlags));
        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(LocalFlags), flags & ~CanonicalAndEcho);
        changed[ControlCharacters + Minimum] = 0;
        changed[ControlCharacters + Time] = 0;
        return SetAttributes(Descriptor, Now, changed) == 0 ? new TerminalInput(saved) : null;
    }

    /// <summary>Waits for a key. Null if none was pressed in time.</summary>
    internal char? Read(TimeSpan within)
    {
        var poll = new PollDescriptor { Descriptor = Descriptor, Wanted = PollInput };
        Span<byte> key = stackalloc byte[1];
        if (Poll(ref poll, 1, (int)Math.Max(within.TotalMilliseconds, 0)) <= 0)
        {
            return null;
        }

        // A terminal that has hung up has no key, now and later.
        return Read(Descriptor, key, 1) == 1 ? (char)key[0] : Quit;
    }

    /// <summary>Gives the terminal back as it was.</summary>
    public void Dispose() => _ = SetAttributes(Descriptor, Now, _saved);

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, Span<byte> attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int when, ReadOnlySpan<byte> attributes);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int descriptor, Span<byte> buffer, nuint count);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        internal int Descriptor;
        internal short Wanted;
        internal short Returned;
    }
}
