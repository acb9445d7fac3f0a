namespace ForkGuard.Lab.Tests.Judging;

/// <summary>How far forkguard's numbers are from the kernel's at the limit of mode 2, in pages.</summary>
/// <param name="Kernel">The row of the table.</param>
/// <param name="Pages">What the kernel grants more than the verdict; negative if less.</param>
/// <param name="CommittedPages">Committed_AS as forkguard sees it, without itself, less what it is when forkguard has ended.</param>
/// <param name="StatedPages">The error that the verdict states.</param>
internal sealed record StrictOffset(string Kernel, long Pages, long CommittedPages, long StatedPages)
{
    internal bool IsWithinStatedError => Math.Abs(Pages) <= StatedPages;
}
