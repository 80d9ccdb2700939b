namespace MlTr.Grains.Accounts;

/// <summary>
/// Counts failed log-ins by name, also of names that nobody has, and locks a name for a while after several. In memory: a restart forgets. What is
/// remembered is bounded; where more names fail than that, the oldest failures are forgotten first.
/// </summary>
internal sealed class FailedLogIns(TimeProvider clock)
{
    public const int Limit = 5;
    private const int MaxNames = 10_000;

    public static readonly TimeSpan LockDuration = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (int Count, DateTimeOffset Last)> _failures = new(StringComparer.Ordinal);

    /// <summary>Whether the name is locked now.</summary>
    public bool IsLocked(string name)
    {
        Forget(name);
        return _failures.TryGetValue(name, out var failed) && failed.Count >= Limit;
    }

    public void Add(string name)
    {
        Forget(name);
        if (_failures.Count >= MaxNames && !_failures.ContainsKey(name))
        {
            _failures.Remove(_failures.MinBy(failed => failed.Value.Last).Key);
        }

        _failures[name] = (_failures.GetValueOrDefault(name).Count + 1, clock.GetUtcNow());
    }

    public void Clear(string name) => _failures.Remove(name);

    private void Forget(string name)
    {
        if (_failures.TryGetValue(name, out var failed) && clock.GetUtcNow() - failed.Last >= LockDuration)
        {
            _failures.Remove(name);
        }
    }
}
