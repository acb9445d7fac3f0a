namespace ForkGuard.Symptoms.Tests;

/// <summary>The messages of docs/symptoms.md.</summary>
internal static class Symptom
{
    internal const string ForkRetry = "fork: retry: Resource temporarily unavailable";
    internal const string ForkTasks = "fork: Resource temporarily unavailable";
    internal const string ForkMemory = "fork: Cannot allocate memory";
    internal const string PythonTasks = "BlockingIOError: [Errno 11] Resource temporarily unavailable";
    internal const string PythonMemory = "OSError: [Errno 12] Cannot allocate memory";
    internal const string NodeTasks = "spawn /usr/bin/true EAGAIN";
    internal const string NodeMemory = "spawn ENOMEM";
    internal const string JavaTasks = "error=11, Resource temporarily unavailable";
    internal const string JavaMemory = "error=12, Cannot allocate memory";
    internal const string JavaThreads = "java.lang.OutOfMemoryError: unable to create native thread";
    internal const string RedisTasks = "Can't save in background: fork: Resource temporarily unavailable";
    internal const string RedisMemory = "Can't save in background: fork: Cannot allocate memory";
    internal const string Postgres = "could not fork new process for connection: Resource temporarily unavailable";
    internal const string GoChild = "fork/exec /usr/bin/true: resource temporarily unavailable";
    internal const string GoThread = "runtime: failed to create new OS thread";
    internal const string GoThreadOfC = "runtime/cgo: pthread_create failed: Resource temporarily unavailable";

    /// <summary>Written by the kernel, and reproduced by ModeOneTests on a real node.</summary>
    internal const string KilledSave = "Background saving terminated by signal 9";
}
