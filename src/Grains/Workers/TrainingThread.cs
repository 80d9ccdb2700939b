using System.Collections.Concurrent;

namespace MlTr.Grains.Workers;

/// <summary>
/// The one thread of a worker that trains. Not of the pool, since training holds it for hours; and the same for every trial, since libtorch keeps a thread
/// pool for each thread that calls it.
/// </summary>
internal sealed class TrainingThread
{
    private readonly BlockingCollection<Action> _work = [];

    public TrainingThread() => new Thread(() =>
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }
    })
    { IsBackground = true, Name = "training" }.Start();

    public void Run(Action work) => _work.Add(work);
}
