namespace ForkGuard.ControllerRuntime;

/// <summary>Outcome of a write of a status.</summary>
public enum StatusOutcome
{
    /// <summary>The server has it now.</summary>
    Written,

    /// <summary>It is what the object had: nothing was sent.</summary>
    Unchanged,

    /// <summary>The object changed since it was read: nothing was written. Read it again.</summary>
    Conflict,

    /// <summary>There is no such object, or another one under its name: nothing was written.</summary>
    Gone,
}

/// <summary>Outcome of a write of a status, and the object with it.</summary>
/// <param name="Outcome">Outcome of the write.</param>
/// <param name="Resource">As the server answered, or as given if unchanged; null on conflict or when gone.</param>
public readonly record struct StatusWrite<T>(StatusOutcome Outcome, T? Resource)
    where T : class;
