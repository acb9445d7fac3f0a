namespace ForkGuard.Kernel.Scanning;

/// <summary>A process, and the thread whose files are read of it.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Thread">
/// 0: the process's own files. Otherwise a living thread of a process whose main thread has exited: the files of the process
/// are empty then, those of the thread are not.
/// </param>
internal readonly record struct ProcessTarget(int Pid, int Thread = 0);
