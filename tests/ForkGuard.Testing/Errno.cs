namespace ForkGuard.Testing;

/// <summary>The errors a fork ends with, see errno(3).</summary>
public static class Errno
{
    public const int None = 0;
    public const int TryAgain = 11;
    public const int NoMemory = 12;
}
