using System.Runtime.InteropServices;

namespace ForkGuard.Cli.Output;

/// <summary>Where the lines go.</summary>
internal static partial class StandardOutput
{
    private const int Descriptor = 1;
    private const short PollError = 8;

    /// <summary>
    /// False once the other end of a pipe is closed (poll(2), POLLERR): the runtime ignores such writes, and a program
    /// that only speaks when something happens would watch on for nobody.
    /// </summary>
    internal static bool HasReader()
    {
        var poll = new PollDescriptor { Descriptor = Descriptor };
        return Poll(ref poll, 1, timeoutMilliseconds: 0) <= 0 || (poll.Returned & PollError) == 0;
    }

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        internal int Descriptor;
        internal short Wanted;
        internal short Returned;
    }
}
