using System.Runtime.CompilerServices;

namespace ForkGuard.Kernel.Procfs;

/// <summary>The pages of this program's own file in memory.</summary>
public static class ProgramPages
{
    /// <summary>
    /// Unmaps the pages of the program and its libraries, most of which only the start needed. Pages that are used again are
    /// mapped again from the page cache. A program that runs for long calls this once, after its first scan.
    /// </summary>
    /// <remarks>
    /// Only in a program that was compiled ahead of time, whose code nobody writes to: the runtime with a compiler in it changes
    /// its own code while it runs, and without the changed pages it would crash.
    /// </remarks>
    public static void Release()
    {
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            Libc.UnmapProgramPages();
        }
    }
}
