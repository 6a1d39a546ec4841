// Vite makes a view's style sheet part of what is loaded with the view.
declare module '*.css';
