using System.Data.Common;
using MlTr.Abstractions.Trials;

namespace MlTr.Grains.Storage;

/// <summary>The writes that every report of a trial makes, on the writer's connection.</summary>
internal sealed class TrialStatements(StoreContext context, DbConnection connection) : IDisposable
{
    private readonly MappedCommand<TrialEntity> _update = MappedCommand<TrialEntity>.Update(context, connection, nameof(TrialEntity.SweepId), nameof(TrialEntity.Number));
    private readonly MappedCommand<AttemptEntity> _putAttempt = MappedCommand<AttemptEntity>.Upsert(context, connection);
    private readonly MappedCommand<EventEntity> _addEvent = MappedCommand<EventEntity>.Insert(context, connection);

    /// <summary>Writes the row if it is still the one that was read.</summary>
    /// <returns>Its key; null if another has written it meanwhile, or it is gone.</returns>
    public long? Update(TrialRow row) => (long?)_update.Run(TrialEntity.New(row));

    public void PutAttempt(long trialKey, AttemptSnapshot attempt)
    {
        var row = new AttemptEntity { TrialKey = trialKey, Number = attempt.Number };
        row.Take(attempt);
        _putAttempt.Run(row);
    }

    public void Add(NewEvent happened) => _addEvent.Run(EventEntity.New(happened));

    public void Dispose()
    {
        _update.Dispose();
        _putAttempt.Dispose();
        _addEvent.Dispose();
    }
}
