// Says what is in a picture: dotnet run --project samples/Predict -- CHECKPOINT PICTURE..
using MlTr.Model.Inspection;

using var predictor = Predictor.FromCheckpoint(args[0]);
foreach (var picture in args[1..])
{
    var prediction = predictor.PredictFile(picture, threshold: 0.5);
    Console.WriteLine($"{picture}: about {prediction.Count} classes");
    foreach (var label in prediction.Labels.Take(5))
    {
        Console.WriteLine($"  {predictor.ClassNames[label.Class]} {label.Probability:P0}");
    }
}
