Console.WriteLine("MlTr Platform");
