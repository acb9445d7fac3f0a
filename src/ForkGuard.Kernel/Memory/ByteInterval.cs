namespace ForkGuard.Kernel.Memory;

/// <summary>Bytes between two ends, both included.</summary>
public readonly record struct ByteInterval(ulong Low, ulong High);
